// SPDX-License-Identifier: Apache-2.0
/** The resolver every part uses. */
@NullMarked
package org.posthouse.dns;

import org.jspecify.annotations.NullMarked;
