// SPDX-License-Identifier: Apache-2.0
/** Keeps submitted mail until the time in its Date field. */
@NullMarked
package org.posthouse.plugins.delayed;

import org.jspecify.annotations.NullMarked;
