// SPDX-License-Identifier: Apache-2.0
/** Asks DNS lists about clients and domains. */
@NullMarked
package org.posthouse.plugins.dnsbl;

import org.jspecify.annotations.NullMarked;
