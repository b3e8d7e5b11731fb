// SPDX-License-Identifier: Apache-2.0
/** Asks whether the names of a client lead back to its address (RFC 8601 3). */
@NullMarked
package org.posthouse.plugins.iprev;

import org.jspecify.annotations.NullMarked;
