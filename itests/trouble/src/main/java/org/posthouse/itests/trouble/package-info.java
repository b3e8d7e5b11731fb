// SPDX-License-Identifier: Apache-2.0
/** A plugin that misbehaves on demand. */
@NullMarked
package org.posthouse.itests.trouble;

import org.jspecify.annotations.NullMarked;
