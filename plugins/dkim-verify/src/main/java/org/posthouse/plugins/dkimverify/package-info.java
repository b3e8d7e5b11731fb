// SPDX-License-Identifier: Apache-2.0
/** Checks DKIM signatures of incoming mail. */
@NullMarked
package org.posthouse.plugins.dkimverify;

import org.jspecify.annotations.NullMarked;
