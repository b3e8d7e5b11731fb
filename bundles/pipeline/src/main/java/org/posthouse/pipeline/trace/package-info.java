// SPDX-License-Identifier: Apache-2.0
/** What hooks said and what came of it: kept for a while, stored where somebody asked, counted where it did not count. */
@NullMarked
package org.posthouse.pipeline.trace;

import org.jspecify.annotations.NullMarked;
