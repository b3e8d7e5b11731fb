// SPDX-License-Identifier: Apache-2.0
/** The SASL mechanisms (RFC 4422) over the authenticators of a conversation. */
@NullMarked
package org.posthouse.smtp.sasl;

import org.jspecify.annotations.NullMarked;
