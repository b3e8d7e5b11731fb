// SPDX-License-Identifier: Apache-2.0
package org.posthouse.console;

import org.apache.felix.webconsole.spi.BrandingPlugin;
import org.osgi.service.component.annotations.Component;

/** Name, mark and colours of the console. */
@Component(service = BrandingPlugin.class)
public final class Branding implements BrandingPlugin {
    private static final String HOME = "/" + QueuePage.LABEL;
    private static final String MARK = HOME + Assets.PREFIX + "posthouse.svg";

    @Override
    public String getBrandName() {
        return "Posthouse";
    }

    @Override
    public String getProductName() {
        return "Posthouse";
    }

    @Override
    public String getProductURL() {
        return "/system/console" + HOME;
    }

    @Override
    public String getProductImage() {
        return MARK;
    }

    @Override
    public String getVendorName() {
        return "Posthouse";
    }

    @Override
    public String getVendorURL() {
        return getProductURL();
    }

    @Override
    public String getVendorImage() {
        return MARK;
    }

    @Override
    public String getFavIcon() {
        return MARK;
    }

    @Override
    public String getMainStyleSheet() {
        // Felix's own with a few words of ours.
        return HOME + Assets.PREFIX + "console.css";
    }
}
