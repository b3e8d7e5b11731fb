// SPDX-License-Identifier: Apache-2.0
/** Writes one log line per message. */
@NullMarked
package org.posthouse.plugins.messagelogger;

import org.jspecify.annotations.NullMarked;
