// SPDX-License-Identifier: Apache-2.0
/** Asks the sender's domain which hosts may send for it (RFC 7208). */
@NullMarked
package org.posthouse.plugins.spf;

import org.jspecify.annotations.NullMarked;
