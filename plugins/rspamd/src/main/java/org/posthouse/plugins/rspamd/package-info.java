// SPDX-License-Identifier: Apache-2.0
/** Asks rspamd what it thinks of a message, and does what it says. */
@NullMarked
package org.posthouse.plugins.rspamd;

import org.jspecify.annotations.NullMarked;
