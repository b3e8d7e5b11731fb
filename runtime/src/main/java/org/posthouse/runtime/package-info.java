// SPDX-License-Identifier: Apache-2.0
/** The launcher: the only code outside OSGi. */
@NullMarked
package org.posthouse.runtime;

import org.jspecify.annotations.NullMarked;
