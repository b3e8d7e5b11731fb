// SPDX-License-Identifier: Apache-2.0
package org.posthouse.pipeline.house;

import java.io.File;
import java.nio.file.Path;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the jars that FileInstall finds in the plugins folder; it only hands them over and installs nothing itself. */
final class PluginFolder implements ArtifactInstaller {
    private static final Logger LOG = LoggerFactory.getLogger(PluginFolder.class);

    private final HouseKeeper keeper;
    private volatile boolean closed;

    PluginFolder(HouseKeeper keeper) {
        this.keeper = keeper;
    }

    /** FileInstall takes the end of this service for the deletion of all its jars, which it is not. */
    void close() {
        closed = true;
    }

    @Override
    public boolean canHandle(File artifact) {
        Path folder = artifact.toPath().toAbsolutePath().normalize().getParent();
        return artifact.getName().endsWith(".jar")
                && keeper.folder().toAbsolutePath().normalize().equals(folder);
    }

    /** Throws nothing: FileInstall would log it once more, and calls again when the file changes in any case. */
    @Override
    public void install(File artifact) {
        if (closed) {
            return;
        }
        try {
            keeper.arrived(inFolder(artifact));
        } catch (HouseException e) {
            LOG.warn("{} {}; nothing was changed, it is tried again when the file changes", artifact, e.getMessage());
        }
    }

    @Override
    public void update(File artifact) {
        install(artifact);
    }

    @Override
    public void uninstall(File artifact) {
        if (!closed) {
            keeper.gone(inFolder(artifact));
        }
    }

    /** The same path as the first scan gave it, however FileInstall spells the folder. */
    private Path inFolder(File artifact) {
        return keeper.folder().resolve(artifact.getName());
    }
}
