// SPDX-License-Identifier: Apache-2.0
/** A message as checks of its origin read it: its fields and body octet for octet, who its authors are, how domains are written. */
@NullMarked
package org.posthouse.mailauth.message;

import org.jspecify.annotations.NullMarked;
