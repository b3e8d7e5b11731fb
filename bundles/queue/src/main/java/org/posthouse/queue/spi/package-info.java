// SPDX-License-Identifier: Apache-2.0
/** What is due when, and who may take it. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.queue.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
