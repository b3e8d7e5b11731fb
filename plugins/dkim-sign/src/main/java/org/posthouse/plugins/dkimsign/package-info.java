// SPDX-License-Identifier: Apache-2.0
/** Signs outgoing mail with the keys of its domains. */
@NullMarked
package org.posthouse.plugins.dkimsign;

import org.jspecify.annotations.NullMarked;
