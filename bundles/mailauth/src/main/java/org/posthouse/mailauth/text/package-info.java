// SPDX-License-Identifier: Apache-2.0
/** Texts of DNS, read. */
@NullMarked
package org.posthouse.mailauth.text;

import org.jspecify.annotations.NullMarked;
