// SPDX-License-Identifier: Apache-2.0
/** Lets users of a file in, and lets each send only as the addresses that are theirs. */
@NullMarked
package org.posthouse.plugins.authfile;

import org.jspecify.annotations.NullMarked;
