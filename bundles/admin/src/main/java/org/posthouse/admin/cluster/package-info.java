// SPDX-License-Identifier: Apache-2.0
/** What is done on all members of the cluster: plugins are rolled out, the common configuration is changed. */
@NullMarked
package org.posthouse.admin.cluster;

import org.jspecify.annotations.NullMarked;
