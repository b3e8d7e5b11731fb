// SPDX-License-Identifier: Apache-2.0
/** Networks of clients as operators write them. */
@NullMarked
package org.posthouse.outside.network;

import org.jspecify.annotations.NullMarked;
