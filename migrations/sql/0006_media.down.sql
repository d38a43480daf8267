DROP TABLE media.tour_views;
DROP TABLE media.virtual_tours;
DROP TABLE media.property_videos;
DROP TABLE media.property_photos;
DROP SCHEMA media;
