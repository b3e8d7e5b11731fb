// SPDX-License-Identifier: Apache-2.0
/** Checks what a client says of itself and of the sender, before it says more. */
@NullMarked
package org.posthouse.plugins.senderchecks;

import org.jspecify.annotations.NullMarked;
