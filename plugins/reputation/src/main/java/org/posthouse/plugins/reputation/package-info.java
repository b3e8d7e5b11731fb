// SPDX-License-Identifier: Apache-2.0
/** Remembers how networks and domains behaved, and judges them by it. */
@NullMarked
package org.posthouse.plugins.reputation;

import org.jspecify.annotations.NullMarked;
