// SPDX-License-Identifier: Apache-2.0
/** A plugin whose every answer tells which version gave it. */
@NullMarked
package org.posthouse.itests.judge;

import org.jspecify.annotations.NullMarked;
