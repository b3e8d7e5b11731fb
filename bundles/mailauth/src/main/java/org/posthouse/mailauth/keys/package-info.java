// SPDX-License-Identifier: Apache-2.0
/** Private keys of domains: their files, the folder that holds them, and their records in DNS. */
@NullMarked
package org.posthouse.mailauth.keys;

import org.jspecify.annotations.NullMarked;
