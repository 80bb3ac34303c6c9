/**
 * The TikTok app's credentials. Values are set per stage (`sst secret set TikTokClientKey …`) and never stand in code.
 */
export const tikTokClientKey = new sst.Secret("TikTokClientKey");
export const tikTokClientSecret = new sst.Secret("TikTokClientSecret");
