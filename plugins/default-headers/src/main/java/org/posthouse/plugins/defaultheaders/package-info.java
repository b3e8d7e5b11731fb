// SPDX-License-Identifier: Apache-2.0
/** Adds Message-ID and Date where a client left them out. */
@NullMarked
package org.posthouse.plugins.defaultheaders;

import org.jspecify.annotations.NullMarked;
