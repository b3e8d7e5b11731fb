// SPDX-License-Identifier: Apache-2.0
/** Defers mail from whom it has not seen before, and takes it when it is tried again. */
@NullMarked
package org.posthouse.plugins.greylisting;

import org.jspecify.annotations.NullMarked;
