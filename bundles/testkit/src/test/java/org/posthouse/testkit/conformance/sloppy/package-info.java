// SPDX-License-Identifier: Apache-2.0
/** A plugin with a fault of choice. */
@NullMarked
package org.posthouse.testkit.conformance.sloppy;

import org.jspecify.annotations.NullMarked;
