// SPDX-License-Identifier: Apache-2.0
/** Delivery status notices (RFC 3461, RFC 3464, RFC 6533). */
@NullMarked
package org.posthouse.delivery.notice;

import org.jspecify.annotations.NullMarked;
