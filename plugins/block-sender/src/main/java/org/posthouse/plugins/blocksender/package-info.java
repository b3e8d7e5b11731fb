// SPDX-License-Identifier: Apache-2.0
/** Refuses mail from the listed sender domains. */
@NullMarked
package org.posthouse.plugins.blocksender;

import org.jspecify.annotations.NullMarked;
