// SPDX-License-Identifier: Apache-2.0
/** Bounds how much a client, sender, user or tenant may send in a span of time. */
@NullMarked
package org.posthouse.plugins.ratelimiter;

import org.jspecify.annotations.NullMarked;
