// SPDX-License-Identifier: Apache-2.0
/** A whole Posthouse to run a plugin in, a next hop to deliver to, and clients that speak to it. */
@NullMarked
package org.posthouse.testkit.server;

import org.jspecify.annotations.NullMarked;
