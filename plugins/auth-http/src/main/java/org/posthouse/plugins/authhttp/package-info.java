// SPDX-License-Identifier: Apache-2.0
/** Lets in whom an HTTP endpoint lets in. */
@NullMarked
package org.posthouse.plugins.authhttp;

import org.jspecify.annotations.NullMarked;
