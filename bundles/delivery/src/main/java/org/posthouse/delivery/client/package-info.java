// SPDX-License-Identifier: Apache-2.0
/** The SMTP and LMTP client: connections, commands, replies and bodies on the wire. */
@NullMarked
package org.posthouse.delivery.client;

import org.jspecify.annotations.NullMarked;
