// SPDX-License-Identifier: Apache-2.0
/** Rewrites addresses in envelopes and header fields. */
@NullMarked
package org.posthouse.plugins.rewriting;

import org.jspecify.annotations.NullMarked;
