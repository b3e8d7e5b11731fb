// SPDX-License-Identifier: Apache-2.0
/** Turns sums of scores into verdicts. */
@NullMarked
package org.posthouse.plugins.scorepolicy;

import org.jspecify.annotations.NullMarked;
