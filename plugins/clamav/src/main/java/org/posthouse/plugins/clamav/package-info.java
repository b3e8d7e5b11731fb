// SPDX-License-Identifier: Apache-2.0
/** Asks clamd whether a message carries what it knows, such as a virus. */
@NullMarked
package org.posthouse.plugins.clamav;

import org.jspecify.annotations.NullMarked;
