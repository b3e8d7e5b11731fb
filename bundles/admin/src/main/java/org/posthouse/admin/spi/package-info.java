// SPDX-License-Identifier: Apache-2.0
/** What API and console share: what plugins offer the operator, and files that the operator sent. */
@Export
@Version("1.0.0")
@NullMarked
package org.posthouse.admin.spi;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
