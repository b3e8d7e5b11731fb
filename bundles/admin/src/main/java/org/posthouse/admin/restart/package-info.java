// SPDX-License-Identifier: Apache-2.0
/** Starting servers anew: this one, or all of a cluster one after the other. */
@NullMarked
package org.posthouse.admin.restart;

import org.jspecify.annotations.NullMarked;
