// SPDX-License-Identifier: Apache-2.0
/** Carries the checked configuration into ConfigurationAdmin, at start and whenever a file changes. */
@NullMarked
package org.posthouse.config.live;

import org.jspecify.annotations.NullMarked;
