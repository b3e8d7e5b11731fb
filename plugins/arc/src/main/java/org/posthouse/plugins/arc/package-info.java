// SPDX-License-Identifier: Apache-2.0
/** Validates and extends Authenticated Received Chains (RFC 8617). */
@NullMarked
package org.posthouse.plugins.arc;

import org.jspecify.annotations.NullMarked;
