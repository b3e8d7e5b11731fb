// SPDX-License-Identifier: Apache-2.0
/** Carries mail to the next hop and records what became of it. */
@NullMarked
package org.posthouse.delivery;

import org.jspecify.annotations.NullMarked;
