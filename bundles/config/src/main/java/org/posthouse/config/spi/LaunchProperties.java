// SPDX-License-Identifier: Apache-2.0
package org.posthouse.config.spi;

/**
 * The framework properties by which the launcher tells the bundles what stood on the command line.
 *
 * <p>The launcher fills them from {@code org.posthouse.config.load.Request.toProperties()}.
 */
public final class LaunchProperties {
    /** The folder in which the program is installed. */
    public static final String HOME = "posthouse.home";

    /** The data folder, absolute. */
    public static final String DATA = "posthouse.data";

    /** The configuration files, separated by commas. */
    public static final String CONFIG_FILES = "posthouse.config.files";

    /** The folder of the configuration files. */
    public static final String CONFIG_DIR = "posthouse.config.dir";

    /** The name of the environment whose file is merged in. */
    public static final String CONFIG_ENV = "posthouse.config.env";

    /** {@code key=value} lines from {@code --set}. */
    public static final String CONFIG_SETS = "posthouse.config.sets";

    /** System property: the status the launcher exits with once the framework has stopped by itself; absent for 1. */
    public static final String EXIT_STATUS = "posthouse.exit.status";

    /** The status for a configuration that is refused ({@code EX_CONFIG} of sysexits.h). */
    public static final int EXIT_CONFIG = 78;

    /** Property of a service of type {@code Runnable} by which a bundle asks something of the launcher. */
    public static final String WISH = "posthouse.wish";

    /** The wish to stop the server in order and to start it anew in the same process; returns at once. */
    public static final String RELAUNCH = "relaunch";

    /** System property: the path by which the start script was called. */
    public static final String SCRIPT = "posthouse.script";

    private LaunchProperties() {}
}
