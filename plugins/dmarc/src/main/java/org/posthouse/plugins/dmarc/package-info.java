// SPDX-License-Identifier: Apache-2.0
/** Whether the domain that a message claims to be from stands behind it, and what its owner wants done when it does not. */
@NullMarked
package org.posthouse.plugins.dmarc;

import org.jspecify.annotations.NullMarked;
