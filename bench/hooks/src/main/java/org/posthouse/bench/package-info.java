// SPDX-License-Identifier: Apache-2.0
/** What parts of the engine cost by themselves. */
@NullMarked
package org.posthouse.bench;

import org.jspecify.annotations.NullMarked;
