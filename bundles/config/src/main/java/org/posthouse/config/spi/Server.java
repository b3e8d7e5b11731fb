// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.spi;

import java.nio.file.Path;

/** Who this server is: the values of the top-level key {@code server}. */
public interface Server {
    /** The fully qualified name used in banner, EHLO, Received and notices. */
    String hostname();

    /** Where everything that must survive is kept; exists. */
    Path dataDir();

    /** Where the program is installed: repository, features, shipped plugins. */
    Path home();

    /** The version of Posthouse. */
    String version();
}
