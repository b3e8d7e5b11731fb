// SPDX-License-Identifier: Apache-2.0
/** The pages of Posthouse in the Felix web console, and the gate before all of its pages. */
@NullMarked
package org.posthouse.console;

import org.jspecify.annotations.NullMarked;
