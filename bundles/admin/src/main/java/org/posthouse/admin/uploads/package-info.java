// SPDX-License-Identifier: Apache-2.0
/** Files that operators sent. */
@NullMarked
package org.posthouse.admin.uploads;

import org.jspecify.annotations.NullMarked;
