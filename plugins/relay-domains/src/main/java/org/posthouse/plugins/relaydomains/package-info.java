// SPDX-License-Identifier: Apache-2.0
/** Accepts recipients in the domains this server takes mail for. */
@NullMarked
package org.posthouse.plugins.relaydomains;

import org.jspecify.annotations.NullMarked;
