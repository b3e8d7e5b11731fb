// SPDX-License-Identifier: Apache-2.0
/** Bounds the recipients of a message, and the patience with those who guess at recipients. */
@NullMarked
package org.posthouse.plugins.recipientlimits;

import org.jspecify.annotations.NullMarked;
